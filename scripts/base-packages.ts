/** Prints the Debian packages that build the named base images on this machine, one a line. */
import { type Architecture, type BaseName, knownBases } from '../guest/base.ts';
import { requiredPackages } from '../guest/host-packages.ts';

const wanted = knownBases()
  .map((base) => base.split('/') as [BaseName, Architecture])
  .filter(([name]) => process.argv.includes(name));
const packages = new Set(wanted.flatMap(([name, architecture]) => requiredPackages(name, architecture)));
process.stdout.write(`${[...packages].join('\n')}\n`);
