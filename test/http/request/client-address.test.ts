import { expect, test } from 'bun:test'
import { forwardedAddress, networkOfAddress } from '../../../src/http/request/client-address'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('the network of %s is %s', (address, network) => {
  expect(networkOfAddress(address)).toBe(network)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['10.0.0.1, 192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:51234', '192.0.2.7'],
  ['[2001:db8::1]:51234', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['unknown', undefined],
  ['192.0.2.7, unknown', undefined],
  ['', undefined],
  [null, undefined],
])('X-Forwarded-For: %p came from %p', (header, address) => {
  expect(forwardedAddress(header)).toBe(address)
})
