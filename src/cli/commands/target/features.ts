import { type Feature, featureNames } from '../../../api/targets/feature-names.ts';
import { CliError, exitCodes } from '../../errors.ts';

/** 'build,copy' */
export function parseFeatures(given: string): Feature[] {
  return given.split(',').map((each) => {
    const known = featureNames.find((name) => name === each.trim());
    if (known !== undefined) return known;
    throw new CliError(`There is no feature '${each}'; there are ${featureNames.join(', ')}`, {
      exitCode: exitCodes.usage,
    });
  });
}
