// The pages, in the order of the navigation; the first is where an operator begins.

import { dead } from "./dead.js";
import { entities } from "./entities.js";
import { events } from "./events.js";
import { moving } from "./moving.js";
import { overview } from "./overview.js";
import { sources } from "./sources.js";
import { users } from "./users.js";
import { workers } from "./workers.js";

export const views = [
  overview,
  entities,
  users,
  events,
  sources,
  workers,
  dead,
  moving,
];
