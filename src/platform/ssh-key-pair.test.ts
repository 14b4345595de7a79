import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { newSshKeyPair } from './ssh-key-pair.ts';

test('every pair is read again, both halves of one key, the rare ones with a leading zero too', () => {
  for (let drawn = 0; drawn < 1500; drawn++) {
    const { publicKey, privateKey } = newSshKeyPair('test');
    expect(publicKey.split(' ')[1], publicKey).toHaveLength(68);
    const [open, closed] = [ssh2.utils.parseKey(publicKey), ssh2.utils.parseKey(privateKey)];
    if (open instanceof Error || closed instanceof Error) throw new Error(`not readable: ${publicKey}`);
    expect(closed.getPublicSSH()).toEqual(open.getPublicSSH());
  }
});

test('signs what its public half verifies', () => {
  const pair = newSshKeyPair('test');
  const [open, closed] = [ssh2.utils.parseKey(pair.publicKey), ssh2.utils.parseKey(pair.privateKey)];
  if (open instanceof Error || closed instanceof Error) throw new Error('not readable');
  const signature = sign(null, Buffer.from('x'), createPrivateKey(closed.getPrivatePEM()));
  expect(verify(null, Buffer.from('x'), createPublicKey(open.getPublicPEM()), signature)).toBe(true);
});
