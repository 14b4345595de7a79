/** The server is killed, as by `kill -9`, after each thing that a call does; then another takes up its home. */
import { testsWithKilledServer } from './killed-calls.ts';

// Where the disk differs: what is there before a step is what was there after the one before it.
testsWithKilledServer(['after']);
