/** The server is killed before, within and after each thing that a call does. */
import { testsWithKilledServer } from './killed-calls.ts';

testsWithKilledServer(['before', 'within', 'after']);
