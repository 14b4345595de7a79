import { expect, test } from 'vitest';
import { parsePorts, parseSource } from './access.ts';

test('ports are numbers with commas', () => {
  expect(parsePorts('80,443')).toEqual([80, 443]);
});

test.each(['http', '0', '65536', '80,', '1.5'])("'%s' is no list of ports", (text) => {
  expect(() => parsePorts(text)).toThrow('give numbers from 1 to 65535');
});

test('an address stands for itself, a range for what it covers', () => {
  expect(parseSource('127.0.0.1')).toBe('127.0.0.1/32');
  expect(parseSource('10.0.0.0/8')).toBe('10.0.0.0/8');
});

test.each(['localhost', '256.0.0.1', '10.0.0.0/33', '::1'])("'%s' is no source", (text) => {
  expect(() => parseSource(text)).toThrow('give an IPv4 address or range');
});
