import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeModel } from '../../../scripts/generate-ec2-model.ts';
import { loadEc2Model } from './ec2-model.ts';
import { readMember, spellMember } from './member-names.ts';

describe('the table of the EC2 model', () => {
  it('is what scripts/generate-ec2-model.ts makes of the installed package', async () => {
    const committed = readFileSync(new URL('./ec2-model.json', import.meta.url), 'utf8');
    const generated = describeModel(await import('@aws-sdk/client-ec2'));
    expect(generated === committed, 'run: node scripts/generate-ec2-model.ts').toBe(true);
    expect(committed.length).toBeLessThan(1_000_000);
  });

  it('has every action, and opens each with all the shapes that it reaches', () => {
    const model = loadEc2Model();
    expect(model.actionNames.length).toBeGreaterThan(800);
    for (const name of model.actionNames) expect(model.action(name)?.input.kind).toBe('structure');
  });

  it('names CreateImage as EC2 does', () => {
    const action = loadEc2Model().action('CreateImage');
    expect(action?.input.byQueryName.get('InstanceId')).toMatchObject({ name: 'InstanceId', required: true });
    expect(action?.input.byQueryName.get('BlockDeviceMapping')).toMatchObject({
      name: 'BlockDeviceMappings',
      required: false,
      type: { kind: 'list' },
    });
    expect(action?.output?.members).toMatchObject([{ name: 'ImageId', xmlName: 'imageId' }]);
  });

  it('knows no action that EC2 has not, whatever its name', () => {
    for (const name of ['', 'Nothing', '__proto__', 'constructor', 'toString']) {
      expect(loadEc2Model().action(name)).toBeUndefined();
    }
  });
});

describe('the spelling of a member', () => {
  it.each([
    ['Name', 'Name', undefined, 'Name|Name'],
    ['Name', 'name', 'Name', 'Name'],
    ['ImageIds', 'ImageId', undefined, 'ImageIds|ImageId'],
    ['Tags', 'tagSet', 'Tag', 'Tags|tagSet|Tag'],
    ['State', 'state', 'Status', 'State||Status'],
  ])('of %s, %s, %s is %s, and reads back the same', (name, xmlName, queryName, spelt) => {
    expect(spellMember(name, xmlName, queryName)).toBe(spelt);
    const query = queryName ?? xmlName.charAt(0).toUpperCase() + xmlName.slice(1);
    expect(readMember(spelt)).toEqual({ name, xmlName, queryName: query });
  });
});
