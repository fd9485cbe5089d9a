"""What a service must survive: kills, races, full disks, wrong clocks, providers that are down."""
