// What a script finds beside it: the IndexedDB library is vendored as one global.
import * as library from "idb";

declare global {
  const idb: typeof library;
}
