/**
 * Makes a thread read TypeScript: `--import tsx` itself does so in the main thread only.
 */
import { register } from 'tsx/esm/api';

register();
