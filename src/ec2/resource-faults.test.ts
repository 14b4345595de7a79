import { describe, expect, it } from 'vitest';
import { checkIds, malformedId, notFound, type ResourceName } from './resource-faults.ts';

describe('what EC2 says of an id', () => {
  it.each<[ResourceName, string, string, string]>([
    ['image', 'ami-1', 'InvalidAMIID.NotFound', "The image id '[ami-1]' does not exist"],
    ['instance', 'i-1', 'InvalidInstanceID.NotFound', "The instance ID 'i-1' does not exist"],
    ['snapshot', 'snap-1', 'InvalidSnapshot.NotFound', "The snapshot 'snap-1' does not exist."],
    ['volume', 'vol-1', 'InvalidVolume.NotFound', "The volume 'vol-1' does not exist."],
    ['securityGroup', 'sg-1', 'InvalidGroup.NotFound', "The security group 'sg-1' does not exist"],
    ['keyPair', 'mine', 'InvalidKeyPair.NotFound', "The key pair 'mine' does not exist"],
    ['subnet', 'subnet-1', 'InvalidSubnetID.NotFound', "The subnet ID 'subnet-1' does not exist"],
  ])('that names no %s', (resource, id, code, message) => {
    expect(notFound(resource, id)).toMatchObject({ code, message, status: 400 });
  });

  it('in the plural for several', () => {
    expect(notFound('image', ['ami-1', 'ami-2']).message).toBe("The image ids '[ami-1, ami-2]' do not exist");
    expect(notFound('instance', ['i-1']).message).toBe("The instance ID 'i-1' does not exist");
  });

  it('that is malformed', () => {
    const fault = { code: 'InvalidAMIID.Malformed', message: 'Invalid id: "x" (expecting "ami-...")' };
    expect(malformedId('image', 'x')).toMatchObject(fault);
    expect(() => checkIds('image', ['ami-0123456789abcdef0', 'x'])).toThrow(expect.objectContaining(fault));
    checkIds('image', ['ami-0123456789abcdef0', 'ami-01234567']);
    checkIds('image', undefined);
  });
});
