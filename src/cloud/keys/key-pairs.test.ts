import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud();
});
afterAll(() => cloud.close());

describe('key pairs', () => {
  it('makes an RSA key as a PKCS#1 PEM file with the SHA-1 fingerprint of its PKCS#8 form', async () => {
    const made = await cloud.call('CreateKeyPair', { KeyName: 'rsa key' });
    expect(made.KeyMaterial).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    const key = createPrivateKey(made.KeyMaterial ?? '');
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const der = key.export({ type: 'pkcs8', format: 'der' });
    const sha1 = createHash('sha1').update(der).digest('hex');
    expect(made.KeyFingerprint?.replaceAll(':', '')).toBe(sha1);
    expect(made.KeyPairId).toMatch(/^key-[0-9a-f]{17}$/);
    const { KeyPairs: shown } = await cloud.call('DescribeKeyPairs', {
      KeyNames: ['rsa key'],
      IncludePublicKey: true,
    });
    const ours = ssh2.utils.parseKey(made.KeyMaterial ?? '');
    if (ours instanceof Error) throw ours;
    expect(shown?.[0]?.PublicKey).toBe(`ssh-rsa ${ours.getPublicSSH().toString('base64')} rsa key`);
    expect(shown?.[0]).not.toHaveProperty('KeyMaterial');
  });

  it('makes an ED25519 key in OpenSSH format with the SHA-256 fingerprint', async () => {
    const made = await cloud.call('CreateKeyPair', { KeyName: 'ed', KeyType: 'ed25519' });
    expect(made.KeyMaterial).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    const key = ssh2.utils.parseKey(made.KeyMaterial ?? '');
    if (key instanceof Error) throw key;
    const blob = key.getPublicSSH();
    expect(made.KeyFingerprint).toBe(createHash('sha256').update(blob).digest('base64'));
  });

  it('imports an OpenSSH line, and the same key as PEM or base64 DER, with the MD5 fingerprint', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const md5 = createHash('md5').update(der).digest('hex');
    const forms = [publicKey.export({ type: 'spki', format: 'pem' }).toString(), der.toString('base64')];
    for (const [index, form] of forms.entries()) {
      const made = await cloud.call('ImportKeyPair', {
        KeyName: `imported-${index}`,
        PublicKeyMaterial: Buffer.from(form),
      });
      expect(made.KeyFingerprint?.replaceAll(':', '')).toBe(md5);
    }
    const { KeyPairs: shown } = await cloud.call('DescribeKeyPairs', {
      KeyNames: ['imported-0'],
      IncludePublicKey: true,
    });
    const again = await cloud.call('ImportKeyPair', {
      KeyName: 'imported-line',
      PublicKeyMaterial: Buffer.from(`${shown?.[0]?.PublicKey}\n`),
    });
    expect(again.KeyFingerprint?.replaceAll(':', '')).toBe(md5);
    expect(createPublicKey(forms[0] ?? '').asymmetricKeyType).toBe('rsa');
  });

  it('refuses what is no public key, and RSA keys of odd sizes', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1536 });
    const odd = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { privateKey } = generateKeyPairSync('ed25519');
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const text of ['hello', '', 'ssh-rsa AAAA', 'ssh-dss AAAAB3NzaC1kc3M= x', odd, secret]) {
      const refused = cloud.call('ImportKeyPair', { KeyName: 'bad', PublicKeyMaterial: Buffer.from(text) });
      await expect(refused, text).rejects.toMatchObject({ code: 'InvalidKey.Format' });
    }
  });

  it('refuses a name that is taken or malformed, PuTTY format, and another key type', async () => {
    await cloud.call('CreateKeyPair', { KeyName: 'once', KeyType: 'ed25519' });
    const create = (input: object) => cloud.call('CreateKeyPair', { KeyName: 'other', ...input });
    await expect(create({ KeyName: 'once' })).rejects.toMatchObject({
      code: 'InvalidKeyPair.Duplicate',
      message: "The keypair 'once' already exists.",
    });
    await expect(create({ KeyName: ' x' })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(create({ KeyName: 'a\nssh-rsa AAAA' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(create({ KeyFormat: 'ppk' })).rejects.toMatchObject({ code: 'UnsupportedOperation' });
    await expect(create({ KeyType: 'dsa' })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(create({ DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
    const { KeyPairs: shown } = await cloud.call('DescribeKeyPairs', {});
    expect(shown?.map((key) => key.KeyName)).not.toContain('other');
  });

  it('deletes by name or id, again without complaint, and takes the tags along', async () => {
    const made = await cloud.call('CreateKeyPair', {
      KeyName: 'doomed',
      KeyType: 'ed25519',
      TagSpecifications: [{ ResourceType: 'key-pair', Tags: [{ Key: 'team', Value: 'x' }] }],
    });
    expect(made.Tags).toEqual([{ Key: 'team', Value: 'x' }]);
    const id = made.KeyPairId ?? '';
    expect(await cloud.call('DeleteKeyPair', { KeyPairId: id })).toEqual({ Return: true, KeyPairId: id });
    expect(await cloud.call('DeleteKeyPair', { KeyName: 'doomed' })).toEqual({ Return: true });
    const tags = await cloud.call('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [id] }] });
    expect(tags.Tags).toEqual([]);
    await expect(cloud.call('DescribeKeyPairs', { KeyPairIds: [id] })).rejects.toMatchObject({
      code: 'InvalidKeyPair.NotFound',
    });
  });

  it('shows each account its own keys, filtered by name, fingerprint and tag', async () => {
    const made = await cloud.call('CreateKeyPair', { KeyName: 'filtered', KeyType: 'ed25519' });
    await cloud.call('CreateTags', {
      Resources: [made.KeyPairId ?? ''],
      Tags: [{ Key: 'stage', Value: 'test' }],
    });
    const names = async (name: string, value: string) => {
      const { KeyPairs: keys } = await cloud.call('DescribeKeyPairs', {
        Filters: [{ Name: name, Values: [value] }],
      });
      return keys?.map((key) => key.KeyName);
    };
    expect(await names('key-name', 'filt*')).toEqual(['filtered']);
    expect(await names('fingerprint', made.KeyFingerprint ?? '')).toEqual(['filtered']);
    expect(await names('tag:stage', 'test')).toEqual(['filtered']);
    await expect(names('colour', 'red')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    const others = await cloud.call('DescribeKeyPairs', {}, { accountId: accountB });
    expect(others.KeyPairs).toEqual([]);
  });
});
