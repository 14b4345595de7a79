/** docs/reference/states.md says what the tables in the code say. To write it anew: `npx vitest run --project unit -u states`. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ImageAction, type ImageState, imageCan } from '../../src/cloud/images/record.ts';
import { type InstanceAction, type InstanceState, instanceCan } from '../../src/cloud/instances/record.ts';
import { type SnapshotState, snapshotCan } from '../../src/cloud/snapshots/record.ts';
import { type AttachmentState, type VolumeState, volumeCan } from '../../src/cloud/volumes/record.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'reference', 'states.md');

const introduction = `# States

Which states there are, and which calls each allows. The tables are those in the code (\`src/cloud/*/record.ts\`), which
every operation asks; a test writes this page from them. A call that a state does not allow is refused with EC2's code
for it. *Allowed* does not mean that something changes: stopping what is stopped is no error.
`;

/** Every state must be here: the compiler says which is missing. */
const instanceStates: Readonly<Record<InstanceState, string>> = {
  pending: 'launched or started; the machine is being made',
  running: 'its process runs',
  stopping: 'asked to stop; switched off at the deadline',
  stopped: 'no process; its volumes are kept',
  'shutting-down': 'being terminated',
  terminated: 'gone; shown for an hour',
};
const instanceActions: Readonly<Record<InstanceAction, string>> = {
  start: 'StartInstances',
  stop: 'StopInstances',
  reboot: 'RebootInstances',
  terminate: 'TerminateInstances',
  image: 'CreateImage',
  attach: 'AttachVolume',
  detach: 'DetachVolume',
  console: 'GetConsoleOutput',
};

const imageStates: Readonly<Record<ImageState, string>> = {
  pending: 'its instant is not taken yet, or it is being copied',
  available: 'can be launched',
  failed: 'was not made; the reason stands with it',
  disabled: 'put away by its owner: launches nothing, seen by nobody else',
};
const imageActions: Readonly<Record<ImageAction, string>> = {
  launch: 'RunInstances',
  copy: 'CopyImage',
  share: 'ModifyImageAttribute (launchPermission)',
  disable: 'DisableImage',
  enable: 'EnableImage',
  deregister: 'DeregisterImage',
};

const snapshotStates: Readonly<Record<SnapshotState, string>> = {
  pending: 'its instant is not taken yet, or it is being written or copied',
  completed: 'can be used',
  error: 'was not taken; the reason stands with it',
};
const snapshotActions: Readonly<Record<Parameters<typeof snapshotCan>[1], string>> = {
  launch: 'RunInstances, CreateVolume, RegisterImage',
  copy: 'CopySnapshot, CopyImage',
  delete: 'DeleteSnapshot',
};

const volumeStates: Readonly<Record<VolumeState, string>> = {
  creating: 'its layer is being made',
  available: 'held by no instance',
  'in-use': 'held by an instance',
  deleting: 'being deleted',
  error: 'could not be made',
};
const volumeActions: Readonly<Record<Parameters<typeof volumeCan>[1], string>> = {
  attach: 'AttachVolume',
  detach: 'DetachVolume',
  snapshot: 'CreateSnapshot',
  modify: 'ModifyVolume',
  delete: 'DeleteVolume',
};

const attachmentStates: Readonly<Record<AttachmentState, string>> = {
  attaching: 'the machine does not have it yet',
  attached: 'the machine has it',
  detaching: 'the guest is asked to let go',
  busy: 'the guest did not let go; asked again, or taken by Force',
};

function allowed<State extends string, Action extends string>(
  title: string,
  states: Readonly<Record<State, string>>,
  actions: Readonly<Record<Action, string>>,
  can: (record: { readonly state: State }, action: Action) => boolean,
): string {
  const names = Object.keys(actions) as Action[];
  const rows = (Object.entries(states) as [State, string][]).map(
    ([state, what]) =>
      `| \`${state}\` | ${what} | ${names
        .filter((action) => can({ state }, action))
        .map((action) => actions[action])
        .join(', ')} |`,
  );
  return `\n## ${title}\n\n| state | what it is | allowed |\n|---|---|---|\n${rows.join('\n')}\n`;
}

test('docs/reference/states.md lists every state with what it allows', async () => {
  const attachments = Object.entries(attachmentStates).map(([state, what]) => `| \`${state}\` | ${what} |`);
  const page = [
    introduction,
    allowed('Instances', instanceStates, instanceActions, instanceCan),
    allowed('Images', imageStates, imageActions, imageCan),
    allowed('Snapshots', snapshotStates, snapshotActions, snapshotCan),
    allowed('Volumes', volumeStates, volumeActions, volumeCan),
    `\n## Attachments of volumes\n\n| state | what it is |\n|---|---|\n${attachments.join('\n')}\n`,
  ];
  await expect(page.join('')).toMatchFileSnapshot(file);
});
