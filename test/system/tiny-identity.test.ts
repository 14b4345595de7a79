/** Who a tiny machine is, as those see it who connect to it. */
import { expect, test } from 'vitest';
import { machineConsole } from './machine-console.ts';
import { key, shellOf, tinyBase } from './node-guest-kit.ts';
import { gibibyte, machineSpec, newLayerId, testNode, volume } from './node-kit.ts';

test('a machine that lacks a kind of host key is given one, and stays who it was', async () => {
  const home = await testNode();
  const node = await home.open();
  const [base, layerId] = [newLayerId(), newLayerId()];
  await node.importLayer({ layerId: base, file: await tinyBase() });
  await node.createLayer({ layerId, parentLayerId: base, sizeBytes: gibibyte });
  const blank = machineSpec([volume(layerId)], { memoryMiB: 256 });
  const spec = { ...blank, seed: { ...blank.seed, publicKeys: [key.publicKey] } };
  const { instanceId } = spec;
  let shell = await shellOf(await node.startMachine(spec));
  const who = 'cat /etc/machine-id; sudo sha256sum /etc/dropbear/dropbear_ed25519_host_key';
  const before = await shell.run(who);
  await shell.run('sudo rm /etc/dropbear/dropbear_ecdsa_host_key; echo mine >> ~/.ssh/authorized_keys; sync');
  shell.close();

  await node.rebootMachine({ instanceId, deadlineMs: 60_000 });
  shell = await shellOf(await node.machine({ instanceId }));
  expect(await shell.run(who)).toBe(before);
  expect(await shell.run('tail -n 1 ~/.ssh/authorized_keys')).toBe('mine');
  const shown = await machineConsole(node, instanceId, /BEGIN SSH HOST KEY.*BEGIN SSH HOST KEY.*ready in/s);
  expect(fingerprintsIn(shown)).toEqual([
    await fingerprintOf(shell.run, 'ecdsa'),
    await fingerprintOf(shell.run, 'ed25519'),
  ]);
  shell.close();
});

/** The last ones: those of the last boot. */
function fingerprintsIn(console: string): readonly string[] {
  const block = console.split('-----BEGIN SSH HOST KEY FINGERPRINTS-----').at(-1) ?? '';
  return [...block.matchAll(/^256 (SHA256:\S+) root@ip-172-31-5-20 \(E[CD]\w+\)/gm)].map(
    ([, print = '']) => print,
  );
}

async function fingerprintOf(run: (command: string) => Promise<string>, kind: string): Promise<string> {
  const shown = await run(`sudo dropbearkey -y -f /etc/dropbear/dropbear_${kind}_host_key`);
  return /^Fingerprint: (\S+)/m.exec(shown)?.[1] ?? `none in ${shown}`;
}
