// The pages, in the order of the navigation; the first is where an operator begins.

import { overview } from "./overview.js";

export const views = [
  overview,
];
