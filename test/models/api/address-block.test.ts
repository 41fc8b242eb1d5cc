import { AddressBlock } from '../../../models/api/index.js';

describe('a block of addresses', () => {
  it.each([
    ['10.96.0.0/12', 10, '10.96.0.10'],
    ['10.244.3.77/24', 254, '10.244.3.254'],
    ['fd00:10:96::/112', 1, 'fd00:10:96::1'],
    ['2001:db8::/32', 0, '2001:db8::'],
    ['::/0', 1, '::1'],
    ['2001:db8:0:1:0:0:0:0/64', 65_536, '2001:db8:0:1::1:0'],
    ['2001:0:0:1:0:0:0:1/128', 0, '2001:0:0:1::1'],
    ['1:2:3:4:5:6:7:0/112', 8, '1:2:3:4:5:6:7:8'],
  ])('%s has %i addresses after its first %s', (cidr, offset, address) => {
    const block = new AddressBlock(cidr);
    expect(block.at(offset)).toBe(address);
    expect(block.offsetOf(address)).toBe(offset);
  });

  it('knows its parts, and no address of the other family', () => {
    expect(new AddressBlock('10.244.0.0/16').part(3, 24)).toBe('10.244.3.0/24');
    expect(new AddressBlock('fd00:10:244::/48').part(2, 64)).toBe('fd00:10:244:2::/64');
    expect(new AddressBlock('fd00:10:244::/48').partOf('fd00:10:244:2::5', 64)).toBe(2);
    expect(new AddressBlock('10.244.0.0/16').offsetOf('fd00::1')).toBeNaN();
  });
});
