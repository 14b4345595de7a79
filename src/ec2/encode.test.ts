import { describe, expect, it } from 'vitest';
import { encodeFault, encodeOutput } from './encode.ts';
import { loadEc2Model } from './model/ec2-model.ts';
import { escapeXml } from './xml.ts';

function encode(name: string, output: unknown): string {
  const action = loadEc2Model().action(name);
  if (!action) throw new Error(`no action ${name}`);
  return encodeOutput(action, output, 'r-1');
}

describe('encoding an answer', () => {
  it('is EC2’s document: namespace, request id, members', () => {
    expect(encode('CreateImage', { ImageId: 'ami-1' })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<CreateImageResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' +
        '<requestId>r-1</requestId><imageId>ami-1</imageId></CreateImageResponse>',
    );
  });

  it('writes lists as items, keeps empty ones, leaves out what is undefined', () => {
    const image = { ImageId: 'ami-1', Name: undefined, Tags: [{ Key: 'k', Value: '<&>' }], ProductCodes: [] };
    const xml = encode('DescribeImages', { Images: [image] });
    expect(xml).toContain('<imagesSet><item>');
    expect(xml).toContain('<tagSet><item><key>k</key><value>&lt;&amp;&gt;</value></item></tagSet>');
    expect(xml).toContain('<productCodes></productCodes>');
    expect(xml).not.toContain('<name>');
  });

  it('writes times with milliseconds in UTC', () => {
    const xml = encode('CreateSnapshot', {
      StartTime: new Date('2026-01-02T03:04:05Z'),
      Encrypted: false,
      VolumeSize: 8,
    });
    expect(xml).toContain('<startTime>2026-01-02T03:04:05.000Z</startTime>');
    expect(xml).toContain('<encrypted>false</encrypted>');
    expect(xml).toContain('<volumeSize>8</volumeSize>');
  });

  it('answers `return` where an action has no output', () => {
    expect(encode('AttachInternetGateway', {})).toContain(
      '<requestId>r-1</requestId><return>true</return></',
    );
  });

  it('replaces what XML cannot hold', () => {
    expect(escapeXml('a\u0000b\u001fc\ufffed\ud800e😀')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde😀');
    expect(escapeXml('"\'\r\n\t\u0085')).toBe('&quot;&apos;&#xD;\n\t&#x85;');
  });

  it('wraps a fault in Response, Errors, Error', () => {
    expect(encodeFault('A.B', 'x < y', 'r-1')).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>A.B</Code>' +
        '<Message>x &lt; y</Message></Error></Errors><RequestID>r-1</RequestID></Response>',
    );
  });
});
