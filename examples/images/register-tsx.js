/**
 * Makes a thread read TypeScript, for examples are run from source; `--import tsx` does so in main threads only.
 */
import { register } from 'tsx/esm/api';

register();
