/** A version for people. */
import { duration, paint } from '../output.ts';
import { placeName } from './places.ts';

interface Version {
  readonly template: string;
  readonly version: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: string;
  readonly ami_id: string;
  readonly created_at: string;
  readonly size_gb: number;
  readonly origin: string;
  readonly proven: boolean;
  readonly build_id: string | null;
  readonly channels: readonly string[];
  readonly revoked: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly provenance: {
    readonly template_digest: string;
    readonly base_name: string;
    readonly base_ami_id: string;
    readonly ingot_version: string;
    readonly inputs: Readonly<Record<string, string>>;
    readonly steps: readonly {
      readonly name: string;
      readonly cached: boolean;
      readonly duration_seconds: number;
    }[];
  } | null;
  readonly proof: {
    readonly boot_seconds: number;
    readonly ssh_seconds: number;
    readonly validation_results: readonly { readonly name: string; readonly status: string }[];
  } | null;
  readonly packages: {
    readonly manager: string;
    readonly distribution: string;
    readonly count: number;
  } | null;
  readonly ancestry: readonly {
    readonly ami_id: string;
    readonly known: string;
    readonly template: string | null;
    readonly version: string | null;
    readonly name: string | null;
  }[];
  readonly ancestry_unanswered: string | null;
}

export function versionLines(version: Version): readonly string[] {
  const { revoked, provenance, proof, packages } = version;
  return [
    paint('bold', `${version.template}@${version.version}`),
    line('Image', `${version.ami_id}  ${placeName(version)}  target ${version.target}`),
    line('Channels', version.channels.join(', ') || 'none'),
    ...(revoked === null
      ? []
      : [line('Revoked', paint('red', `${revoked.at} by ${revoked.by}: ${revoked.reason}`))]),
    line(
      'Made',
      `${version.created_at}, ${version.origin}${version.build_id ? `, ${version.build_id}` : ''}`,
    ),
    line('Size', `${version.size_gb} GiB`),
    ...(provenance === null ? [] : provenanceLines(provenance)),
    ...(packages === null ? [] : [line('Packages', packagesText(packages))]),
    ...(proof === null ? [line('Proof', paint('yellow', 'none'))] : proofLines(proof, version.proven)),
    ...ancestryLines(version),
  ];
}

function packagesText({ manager, distribution, count }: NonNullable<Version['packages']>): string {
  return manager === 'none'
    ? `${distribution}, no package manager`
    : `${count} (${manager}, ${distribution})`;
}

function provenanceLines(provenance: NonNullable<Version['provenance']>): readonly string[] {
  const inputs = Object.entries(provenance.inputs).map(([name, value]) => `${name}=${value}`);
  return [
    line('Base', `${provenance.base_name}  ${provenance.base_ami_id}`),
    line('Template', provenance.template_digest),
    ...(inputs.length === 0 ? [] : [line('Inputs', inputs.join(', '))]),
    ...provenance.steps.map((step, at) =>
      line(
        at === 0 ? 'Steps' : '',
        `${step.name}  ${step.cached ? paint('dim', 'cached') : duration(step.duration_seconds * 1000)}`,
      ),
    ),
    line('Made by', `ingot ${provenance.ingot_version}`),
  ];
}

function proofLines(proof: NonNullable<Version['proof']>, proven: boolean): readonly string[] {
  const [boot, ssh] = [proof.boot_seconds, proof.ssh_seconds].map((seconds) => duration(seconds * 1000));
  return [
    line('Proof', `${proven ? paint('green', 'passed') : paint('red', 'failed')}, boot ${boot}, SSH ${ssh}`),
    ...proof.validation_results.map(({ name, status }) =>
      line('', `${status === 'passed' ? paint('green', '✓') : paint('red', '✗')} ${name}`),
    ),
  ];
}

function ancestryLines({ ancestry, ancestry_unanswered: unanswered }: Version): readonly string[] {
  const [, ...ancestors] = ancestry;
  const lines = ancestors.map((ancestor, at) => {
    const version = ancestor.version === null ? '' : `${ancestor.template}@${ancestor.version}`;
    const name = version || ancestor.name || '';
    return line(at === 0 ? 'Ancestors' : '', `${ancestor.ami_id}  ${name}  ${paint('dim', ancestor.known)}`);
  });
  return unanswered === null ? lines : [...lines, line('', paint('dim', `EC2 says no more: ${unanswered}`))];
}

function line(title: string, text: string): string {
  return `${paint('dim', title.padEnd(10))} ${text}`.trimEnd();
}
