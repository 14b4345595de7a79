import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type AmiSetting, setTemplateAmis } from './set-template-amis.ts';

const set = (region: string, architecture: AmiSetting['architecture'], imageId?: string): AmiSetting =>
  imageId === undefined ? { region, architecture } : { region, architecture, imageId };
const after = (source: string, ...settings: readonly AmiSetting[]) =>
  setTemplateAmis(source, settings, 'web.yml').source;

const saved = `# A machine of ours
name:   "custom-ml-env"   # shown in lists
description: >
  Custom ML environment
  with packages

# AMI mappings (automatically populated)
ami_config:
    # the west comes first
    amis:
        us-west-2:
            x86_64: "ami-0aaa" # the first
    strategy: ami_preferred

# Ports
ports: [22,8787]
tags: {Name: "x",   Type: 'saved-instance'}
setup_script: |
  #!/bin/bash
  echo "a very long line that a YAML writer would fold somewhere after eighty columns, or so they say" >> /etc/motd
`;

test('an id is replaced where it stands, and nothing else changes', () => {
  expect(after(saved, set('us-west-2', 'x86_64', 'ami-0bbb'))).toBe(saved.replace('ami-0aaa', 'ami-0bbb'));
});

test('another architecture and another region come beside it', () => {
  const settings = [set('us-west-2', 'arm64', 'ami-0bbb'), set('us-east-1', 'x86_64', 'ami-0ccc')];
  expect(after(saved, ...settings)).toBe(
    saved.replace(
      '"ami-0aaa" # the first\n',
      `"ami-0aaa" # the first
            arm64: "ami-0bbb"
        us-east-1:
            x86_64: "ami-0ccc"
`,
    ),
  );
});

test('a template without the block has it at the end', () => {
  const source = 'name: web # the site\nports: [80]';
  expect(after(source, set('us-east-1', 'x86_64', 'ami-0bbb'))).toBe(`${source}

ami_config:
  amis:
    us-east-1:
      x86_64: "ami-0bbb"
`);
});

test.each([
  ['an empty block', 'name: web\nami_config:\nports: [80]\n'],
  ['a block that says null', 'name: web\nami_config: ~\nports: [80]\n'],
  ['braces', 'name: web\nami_config: {amis: {eu-west-1: {arm64: ami-0aaa}}} # here\nports: [80]\n'],
  ['no images yet', 'name: web\nami_config:\n  strategy: ami_required\n\n# ports\nports: [80]\n'],
  ['empty images', 'ami_config:\n  amis:\nname: web\n'],
  [
    'a block with comments behind it',
    'ami_config:\n  amis:\n    us-west-2:\n      arm64: ami-0aaa\n    # of amis\n  # within\n# behind\n',
  ],
  [
    'a block with comments before the next field',
    'ami_config:\n  amis:\n    us-west-2:\n      arm64: ami-0aaa\n\n  # within\n\n# behind\nname: web\n',
  ],
  ['the last block, without a line end', 'name: web\nami_config:\n  amis: {}'],
])('%s is filled', (_, source) => {
  const result = after(source, set('us-east-1', 'x86_64', 'ami-0bbb'));
  const before = parse(source);
  expect(parse(result)).toEqual({
    ...before,
    ami_config: {
      ...before.ami_config,
      amis: { ...before.ami_config?.amis, 'us-east-1': { x86_64: 'ami-0bbb' } },
    },
  });
  for (const comment of source.match(/#.*/g) ?? []) expect(result.split(comment)).toHaveLength(2);
});

test('the older name of the field stays, where a template has only that', () => {
  const source = 'ami_config:\n  ami_mappings:\n    us-east-1:\n      x86_64: ami-0aaa\n';
  expect(after(source, set('us-east-1', 'x86_64', 'ami-0bbb'))).toBe(source.replace('aaa', 'bbb'));
});

test('an id is removed', () => {
  expect(after(saved, set('us-west-2', 'x86_64'))).not.toContain('ami-0aaa');
});

test('what is so already changes no byte', () => {
  const settings = [set('us-west-2', 'x86_64', 'ami-0aaa'), set('eu-west-1', 'arm64')];
  expect(setTemplateAmis(saved, settings, 'web.yml')).toEqual({ source: saved, changed: [] });
});

test('lines keep their Windows ends', () => {
  const result = after(saved.replaceAll('\n', '\r\n'), set('us-east-1', 'x86_64', 'ami-0bbb'));
  expect(result.replaceAll('\r\n', '')).not.toContain('\n');
});

test.each([['- a list\n'], ['name: [web\n'], ['']])('%j is refused by the name of its file', (source) => {
  expect(() => after(source, set('us-east-1', 'x86_64', 'ami-0bbb'))).toThrow("web.yml can't be written to");
});

const anySetting = fc.record({
  region: fc.constantFrom('us-east-1', 'us-west-2', 'eu-west-1'),
  architecture: fc.constantFrom('x86_64' as const, 'arm64' as const),
  imageId: fc.stringMatching(/^ami-[0-9a-f]{17}$/),
});

test('whatever is set is read back, and all else with it', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anySetting, { selector: (s) => `${s.region} ${s.architecture}` }),
      (settings) => {
        const result = after(saved, ...settings);
        const [before, now] = [parse(saved), parse(result)];
        for (const { region, architecture, imageId } of settings) {
          expect(now.ami_config.amis[region][architecture]).toBe(imageId);
        }
        expect({ ...now, ami_config: before.ami_config }).toEqual(before);
        expect(now.ami_config.strategy).toBe('ami_preferred');
        const outside = (text: string) => [text.split('ami_config:')[0], text.split('# Ports')[1]];
        expect(outside(result)).toEqual(outside(saved));
      },
    ),
  );
});
