import { describe, expect, it } from 'vitest';
import { decodeInput } from './decode.ts';
import { readParameters } from './form.ts';
import { loadEc2Model } from './model/ec2-model.ts';

function decode(name: string, form: string): Record<string, unknown> {
  const action = loadEc2Model().action(name);
  if (!action) throw new Error(`no action ${name}`);
  return decodeInput(action, readParameters('', Buffer.from(form)));
}

describe('decoding a request', () => {
  it('reads nested structures, lists, booleans and numbers', () => {
    const form =
      'Action=CreateImage&Version=2016-11-15&InstanceId=i-1&Name=my+image%21&NoReboot=true' +
      '&BlockDeviceMapping.1.DeviceName=%2Fdev%2Fsda1&BlockDeviceMapping.1.Ebs.VolumeSize=8' +
      '&BlockDeviceMapping.2.NoDevice=&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=';
    expect(decode('CreateImage', form)).toEqual({
      InstanceId: 'i-1',
      Name: 'my image!',
      NoReboot: true,
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 8 } }, { NoDevice: '' }],
      TagSpecifications: [{ Tags: [{ Key: 'a', Value: '' }] }],
    });
  });

  it('orders a list by its indices and closes the gaps', () => {
    expect(decode('DescribeImages', 'ImageId.10=c&ImageId.2=b&ImageId.1=a&ImageId.999999999=d')).toEqual({
      ImageIds: ['a', 'b', 'c', 'd'],
    });
  });

  it('reads times with and without a zone as UTC, and blobs as bytes', () => {
    const input = decode(
      'DescribeSpotPriceHistory',
      'StartTime=2026-01-02T03:04:05&EndTime=2026-01-02T03:04:05.5%2B01:00',
    );
    expect(input).toEqual({
      StartTime: new Date('2026-01-02T03:04:05Z'),
      EndTime: new Date('2026-01-02T02:04:05.500Z'),
    });
    expect(decode('ImportKeyPair', 'KeyName=k&PublicKeyMaterial=AQID').PublicKeyMaterial).toEqual(
      new Uint8Array([1, 2, 3]),
    );
  });

  it.each([
    ['Nonsense=1', 'UnknownParameter', 'The parameter Nonsense is not recognized'],
    ['ImageId=ami-1', 'UnknownParameter', 'The parameter ImageId is not recognized'],
    ['ImageId.0=ami-1', 'UnknownParameter', 'The parameter ImageId.0 is not recognized'],
    ['ImageId.1.2=x', 'UnknownParameter', 'The parameter ImageId.1.2 is not recognized'],
    ['Filter.1.__proto__.x=y', 'UnknownParameter', 'The parameter Filter.1.__proto__.x is not recognized'],
    ['__proto__=y', 'UnknownParameter', 'The parameter __proto__ is not recognized'],
    [
      'constructor.prototype.x=y',
      'UnknownParameter',
      'The parameter constructor.prototype.x is not recognized',
    ],
    [
      'DryRun=maybe',
      'InvalidParameterValue',
      "Value (maybe) for parameter DryRun is invalid. Expected: 'true' or 'false'.",
    ],
    [
      'MaxResults=',
      'InvalidParameterValue',
      'Value () for parameter MaxResults is invalid. Expected a number.',
    ],
    [
      'MaxResults=0x10',
      'InvalidParameterValue',
      'Value (0x10) for parameter MaxResults is invalid. Expected a number.',
    ],
    [
      'MaxResults=5&MaxResults=6',
      'InvalidParameterCombination',
      'The parameter MaxResults may only be given once',
    ],
  ])('refuses %s', (form, code, message) => {
    expect(() => decode('DescribeImages', form)).toThrow(expect.objectContaining({ code, message }));
  });

  it('names the missing parameter, also deep inside', () => {
    expect(() => decode('CreateImage', 'Name=x')).toThrow(
      expect.objectContaining({
        code: 'MissingParameter',
        message: 'The request must contain the parameter InstanceId',
      }),
    );
    expect(() =>
      decode(
        'RunInstances',
        'MinCount=1&MaxCount=1&CreditSpecification.CpuCredits=a&InstanceMarketOptions.MarketType=spot&LicenseSpecification.1.LicenseConfigurationArn=x&ElasticGpuSpecification.1.Foo=1',
      ),
    ).toThrow(expect.objectContaining({ code: 'UnknownParameter' }));
    expect(() =>
      decode('RunInstances', 'MinCount=1&MaxCount=1&ElasticInferenceAccelerator.1.Count=1'),
    ).toThrow(
      expect.objectContaining({
        message: 'The request must contain the parameter ElasticInferenceAccelerator.1.Type',
      }),
    );
  });

  it('refuses text that is not UTF-8 instead of guessing', () => {
    const code = 'MalformedQueryString';
    expect(() => readParameters('Name=%ff', Buffer.of())).toThrow(expect.objectContaining({ code }));
    expect(() => readParameters('Name=%', Buffer.of())).toThrow(expect.objectContaining({ code }));
    expect(() => readParameters('', Buffer.from([0x61, 0x3d, 0xff]))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => readParameters(`${'a.'.repeat(1_000)}=1`, Buffer.of())).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('refuses more parameters than any call takes', () => {
    const form = Array.from({ length: 10_001 }, (_, index) => `a${index}`).join('&');
    expect(() => readParameters(form, Buffer.of())).toThrow(expect.objectContaining({ status: 413 }));
  });
});
