// The pages, in the order of the navigation; the first is where an operator begins.

import { dead } from "./dead.js";
import { overview } from "./overview.js";
import { sources } from "./sources.js";
import { workers } from "./workers.js";

export const views = [
  overview,
  sources,
  workers,
  dead,
];
