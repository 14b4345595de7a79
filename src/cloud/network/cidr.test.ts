import { describe, expect, it } from 'vitest';
import { cidrText, covers, readCidr } from './cidr.ts';

const canonical = (text: string) => {
  const cidr = readCidr(text);
  return cidr === undefined ? undefined : cidrText(cidr);
};

describe('CIDR blocks', () => {
  it('reads both families and clears host bits', () => {
    expect(canonical('10.1.2.3/8')).toBe('10.0.0.0/8');
    expect(canonical('192.0.2.1/32')).toBe('192.0.2.1/32');
    expect(canonical('255.255.255.255/0')).toBe('0.0.0.0/0');
    expect(canonical('::/0')).toBe('::/0');
    expect(canonical('2001:DB8:0:0::1/64')).toBe('2001:db8::/64');
    expect(canonical('::ffff:10.0.0.1/128')).toBe('::ffff:a00:1/128');
  });

  it('takes nothing else for a block', () => {
    for (const text of [
      '',
      '10.0.0.1',
      '10.0.0.1/33',
      '10.0.0/8',
      '::/129',
      'fe80::1%eth0/64',
      '1.2.3.4/8/8',
      '01.2.3.4/8',
      '1.2.3.4/-1',
      '1.2.3.4/x',
    ]) {
      expect(readCidr(text), text).toBeUndefined();
    }
  });

  it('covers addresses of its own family only', () => {
    const all = readCidr('0.0.0.0/0');
    const loopback = readCidr('127.0.0.0/8');
    if (all === undefined || loopback === undefined) throw new Error('unread');
    expect(covers(all, '203.0.113.7')).toBe(true);
    expect(covers(all, '::1')).toBe(false);
    expect(covers(loopback, '127.83.1.2')).toBe(true);
    expect(covers(loopback, '128.0.0.1')).toBe(false);
  });
});
