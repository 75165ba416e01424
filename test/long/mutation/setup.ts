/**
 * Setup of the tests that mutants are tried on: what is drawn at random is the same for each of them.
 */
import * as fc from 'fast-check';

fc.configureGlobal({ seed: 20_240 });
