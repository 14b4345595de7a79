/** What a revocation touches, for people. */
import { paint, print, say } from '../output.ts';
import { placeName } from './places.ts';

interface Version {
  readonly template: string;
  readonly version: string;
  readonly region: string;
  readonly architecture: string;
  readonly ami_id: string;
  readonly revoked: { readonly reason: string } | null;
}

interface Impact {
  readonly versions: readonly Version[];
  readonly descendants: readonly Version[];
  readonly channels: readonly {
    readonly template: string;
    readonly channel: string;
    readonly region: string;
    readonly architecture: string;
    readonly to: Version | null;
  }[];
  readonly machines: readonly {
    readonly instance_id: string;
    readonly name: string | null;
    readonly region: string;
    readonly ami_id: string;
    readonly state: string;
  }[];
  readonly unanswered: readonly { readonly region: string; readonly reason: string }[];
}

export function printImpact(impact: Impact): void {
  section('To be revoked', impact.versions.map(versionLine));
  section(
    'Channels that move',
    impact.channels.map(({ template, channel, to, ...place }) => {
      const goal = to === null ? paint('yellow', 'nothing is left: the channel ends') : to.version;
      return `${template}@${channel}  ${placeName(place)}  → ${goal}`;
    }),
  );
  section(
    'Machines that run on them, or on what was made from them',
    impact.machines.map((machine) =>
      [machine.instance_id, machine.name ?? '-', machine.state, machine.region, machine.ami_id].join('  '),
    ),
  );
  section('Made from them, and not revoked (--descendants does)', impact.descendants.map(versionLine));
  for (const { region, reason } of impact.unanswered) {
    say(`${paint('yellow', '!')} ${region} does not answer, so what runs there is unknown: ${reason}`);
  }
}

interface Outcome {
  readonly ami_id: string;
  readonly region: string;
  readonly outcome: 'disabled' | 'enabled' | 'tagged' | 'gone' | 'failed';
  readonly reason: string | null;
}

const outcomeWords = {
  disabled: 'disabled: nobody launches it',
  enabled: 'enabled',
  tagged: 'tagged; this target cannot disable images, so EC2 still launches it',
  gone: 'gone already',
  failed: 'failed',
} as const;

export function printOutcomes(images: readonly Outcome[]): void {
  for (const { ami_id, region, outcome, reason } of images) {
    const why = outcome === 'failed' && reason !== null ? `: ${reason}` : '';
    const text = `${ami_id}  ${region}  ${outcomeWords[outcome]}${why}`;
    print(outcome === 'failed' ? paint('red', text) : text);
  }
}

function versionLine(version: Version): string {
  const already = version.revoked === null ? '' : `  (revoked already: ${version.revoked.reason})`;
  return `${version.template}@${version.version}  ${placeName(version)}  ${version.ami_id}${already}`;
}

function section(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  print(paint('bold', title));
  for (const line of lines) print(`  ${line}`);
}
