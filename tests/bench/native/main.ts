import { benchFilters } from "./filters.ts";

await benchFilters();
