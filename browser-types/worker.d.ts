// What the server writes above the worker's script (clinic/person/phone.py), and where it runs.
declare global {
  const CONFIG: {
    version: string;
    shell: string;
    shellFiles: string[];
    diary: string[];
    kept: string[];
    files: string;
    offline: string;
    today: string;
    help: string;
    checkIn: string;
    queue: string;
    ends: string[];
    dangers: Record<string, string[]>;
  };
}

export {};
