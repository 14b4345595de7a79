/** For commands, which offer them before anything is asked of a server. */
export { type Feature, featureNames } from '../../factory/targets/features.ts';
