// The pages, in the order of the navigation; the first is where an operator begins.

import { moving } from "./moving.js";
import { overview } from "./overview.js";

export const views = [
  overview,
  moving,
];
