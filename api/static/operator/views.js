// The pages, in the order of the navigation; the first is where an operator begins.

import { events } from "./events.js";
import { overview } from "./overview.js";
import { users } from "./users.js";

export const views = [
  overview,
  events,
  users,
];
