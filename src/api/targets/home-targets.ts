/** The targets of a home as the server itself opens them, for a command that goes to one without the server. */
export { openTargets } from '../../factory/targets/open-targets.ts';
