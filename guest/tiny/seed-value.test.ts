import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

// The guest runs it with BusyBox's awk; any awk of the host agrees on this much of the language.
const program = join(import.meta.dirname, 'root/usr/lib/ingot/seed-value');

function read(document: string, wanted: string): string[] {
  const printed = execFileSync('awk', ['-v', wanted, '-f', program], { input: document, encoding: 'utf8' });
  return printed.split('\n').filter((line) => line !== '');
}

const first = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOne one@laptop';
const second = 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= two';

const json = {
  'instance-id': 'i-0abc',
  'local-hostname': 'ip-10-0-0-1',
  'public-keys': [first, second],
  region: 'us-east-1',
};

const documents: Readonly<Record<string, string>> = {
  YAML: `instance-id: i-0abc\nlocal-hostname: ip-10-0-0-1\npublic-keys:\n  - ${first}\n  - ${second}\nregion: us-east-1\n`,
  'YAML without indentation': `instance-id: "i-0abc"\npublic_keys:\n- ${first}\n- '${second}'\nlocal-hostname: 'ip-10-0-0-1'\n`,
  'indented JSON': JSON.stringify(json, null, 2),
  'JSON on one line': JSON.stringify(json),
};

test.each(Object.entries(documents))('reads the identity from %s', (_form, document) => {
  expect(read(document, 'key=instance-id')).toEqual(['i-0abc']);
  expect(read(document, 'key=local-hostname')).toEqual(['ip-10-0-0-1']);
  expect(read(document, 'keys=public-keys')).toEqual([first, second]);
});

test('finds nothing where there is nothing', () => {
  expect(read('instance-id: i-1\npublic-keys: []\n', 'keys=public-keys')).toEqual([]);
  expect(read('instance-id: i-1\n', 'key=local-hostname')).toEqual([]);
});

test('takes no key from another block and no value from a nested one', () => {
  const cloudConfig = `#cloud-config\nusers:\n  - name: x\n    hostname: wrong\n    ssh_authorized_keys: [${second}]\nssh_authorized_keys:\n  - ${first}\n`;
  expect(read(cloudConfig, 'keys=ssh_authorized_keys')).toEqual([first]);
  expect(read(cloudConfig, 'key=hostname')).toEqual([]);
});
