/** The unmodified SDK and the gateway understand each other, for every action of the model. */
import * as sdk from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, loadEc2Model } from '../../src/ec2/model/ec2-model.ts';
import type { Operations } from '../../src/ec2/types.ts';
import { arbitraryOf } from './gateway-arbitraries.ts';
import { type GatewayRig, startGateway } from './gateway-rig.ts';

const model = loadEc2Model();
const actions = model.actionNames.map((name) => model.action(name)).filter((action) => action !== undefined);

/** What the operations received and shall answer; one request is in flight at a time. */
const script: { received?: unknown; answer?: unknown } = {};

const operations = Object.fromEntries(
  model.actionNames.map((name) => [
    name,
    async (input: unknown) => {
      script.received = input;
      return script.answer;
    },
  ]),
) as Operations;

let rig: GatewayRig;
let client: sdk.EC2Client;
beforeAll(async () => {
  rig = await startGateway({ operations });
  client = rig.client();
});
afterAll(() => rig.close());

async function call(action: Action, input: unknown): Promise<Record<string, unknown>> {
  const commands = sdk as unknown as Record<string, new (input: unknown) => sdk.DescribeImagesCommand>;
  const Command = commands[`${action.name}Command`];
  if (!Command) throw new Error(`The SDK has no ${action.name}`);
  const { $metadata, ...output } = await client.send(new Command(input));
  return output as Record<string, unknown>;
}

describe('every action of EC2', () => {
  const groups = Map.groupBy(actions, (action) => /^[A-Z][a-z]+/.exec(action.name)?.[0] ?? '');
  it.each([...groups.keys()])('%s… carries any input to the operation, and any output back', async (verb) => {
    for (const action of groups.get(verb) ?? []) await roundTrips(action);
  });
});

async function roundTrips(action: Action): Promise<void> {
  const output = action.output ? arbitraryOf(action.output, 'output') : fc.constant({});
  await fc.assert(
    fc.asyncProperty(arbitraryOf(action.input, 'input'), output, async (input, answer) => {
      const sent = withoutDryRun(input as Record<string, unknown>);
      script.answer = answer;
      const arrived = await call(action, sent);
      expect(script.received).toEqual({ ...addedBySdk(action, script.received), ...sent });
      expect(arrived).toEqual(answer);
    }),
    { numRuns: 3, endOnFailure: true },
  );
}

/** A scripted operation has no checks to run, so it may not see a dry run. */
function withoutDryRun({ DryRun, ...input }: Record<string, unknown>): Record<string, unknown> {
  return input;
}

/** What the SDK fills in by itself: tokens against repetition, and CopySnapshot's presigned URL. */
function addedBySdk(action: Action, received: unknown): Record<string, unknown> {
  const record = received as Record<string, unknown>;
  const names = action.name === 'CopySnapshot' ? ['PresignedUrl', 'DestinationRegion'] : ['ClientToken'];
  return Object.fromEntries(
    names.filter((name) => record[name] !== undefined).map((name) => [name, record[name]]),
  );
}
