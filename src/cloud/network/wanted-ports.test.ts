import { describe, expect, it } from 'vitest';
import { portRules, portsOfWideRules } from './wanted-ports.ts';

const here = { hostAddresses: ['127.0.0.1', '10.1.2.3'] };

function rule(protocol: string, from_port: number, to_port: number, cidr_ipv4: string | null = '0.0.0.0/0') {
  return { protocol, from_port, to_port, cidr_ipv4 };
}

function ports(...rules: readonly ReturnType<typeof rule>[]) {
  return portRules(rules, here).map((one) => `${one.protocol} ${one.fromPort}-${one.toPort}`);
}

describe('ports that security groups open', () => {
  it('opens single ports and ranges up to 100 ports as they are written', () => {
    expect(ports(rule('tcp', 22, 22), rule('udp', 5000, 5099))).toEqual(['tcp 22-22', 'udp 5000-5099']);
    expect(ports(rule('tcp', 0, 10))).toEqual(['tcp 1-10']);
    expect(ports(rule('tcp', 0, 0))).toEqual([]);
  });

  it('opens the well-known ports of a wider rule, and of all traffic', () => {
    expect(ports(rule('tcp', 80, 500))).toEqual(['tcp 80-80', 'tcp 443-443']);
    const all = portsOfWideRules.map((port) => `tcp ${port}-${port}`);
    expect(ports(rule('tcp', 0, 65_535))).toEqual(all);
    expect(ports(rule('-1', -1, -1))).toEqual(all);
  });

  it('opens further ports of wide rules that an image or instance names, and only those within the rule', () => {
    const open = portRules([rule('tcp', 1000, 9999)], { ...here, morePorts: [5432, 10_000] });
    expect(open.map((one) => one.fromPort)).toEqual([3389, 5432, 8080, 8443, 8787, 8888]);
  });

  it('counts a rule whose source covers loopback or an address of this host', () => {
    expect(ports(rule('tcp', 22, 22, '127.0.0.0/8'))).toEqual(['tcp 22-22']);
    expect(ports(rule('tcp', 22, 22, '127.0.0.1/32'))).toEqual(['tcp 22-22']);
    expect(ports(rule('tcp', 22, 22, '10.1.0.0/16'))).toEqual(['tcp 22-22']);
    expect(ports(rule('tcp', 22, 22, '10.1.2.3/32'))).toEqual(['tcp 22-22']);
    expect(ports(rule('tcp', 22, 22, '0.0.0.0/1'))).toEqual(['tcp 22-22']);
    expect(ports(rule('tcp', 22, 22, '192.0.2.0/24'))).toEqual([]);
    expect(ports(rule('tcp', 22, 22, '128.0.0.0/1'))).toEqual([]);
    expect(ports(rule('tcp', 22, 22, null))).toEqual([]);
  });

  it('opens nothing for ICMP and other protocols, and each port range once', () => {
    expect(ports(rule('icmp', -1, -1), rule('50', -1, -1))).toEqual([]);
    expect(ports(rule('tcp', 22, 22), rule('tcp', 22, 22, '127.0.0.1/32'))).toEqual(['tcp 22-22']);
  });
});
