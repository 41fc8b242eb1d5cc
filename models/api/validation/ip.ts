/** The bytes of an IP address, 4 or 16; undefined when it is none. As netutils.ParseIPSloppy: leading zeros are let pass. */
export function parseIp(text: string): readonly number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  const bytes = parts.map(Number);
  return parts.length === 4 && parts.every((part) => /^\d+$/.test(part)) && bytes.every((byte) => byte <= 255)
    ? bytes
    : undefined;
}

function parseIpv6(text: string): readonly number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(groupBytes))) as [
    (number | undefined)[],
    (number | undefined)[]?,
  ];
  const known = [...head, ...(tail ?? [])];
  const missing = 16 - known.length;
  if (known.includes(undefined) || (tail === undefined ? missing !== 0 : missing < 2)) {
    return undefined;
  }
  return [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])] as number[];
}

/** Two bytes of a group, or four of an embedded IPv4 address. */
function groupBytes(group: string): (number | undefined)[] {
  if (group.includes('.')) {
    return [...(parseIpv4(group) ?? [undefined])];
  }
  if (!/^[0-9a-fA-F]{1,4}$/.test(group)) {
    return [undefined];
  }
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}

export const isIpv6 = (text: string): boolean => text.includes(':') && parseIp(text) !== undefined;

export const ipProblem = (text: string): readonly string[] =>
  parseIp(text) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];

export function cidrProblem(text: string): readonly string[] {
  const match = /^(.*)\/(\d+)$/.exec(text);
  const bytes = match && parseIp(match[1] as string);
  return bytes && Number(match[2]) <= bytes.length * 8
    ? []
    : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'];
}

/** Addresses that make no sense for an endpoint. As ValidateNonSpecialIP (pkg/apis/core/validation). */
export function specialIpProblems(text: string): readonly string[] {
  const bytes = parseIp(text);
  if (bytes === undefined) {
    return ['must be a valid IP address'];
  }
  const [first, second, third] = bytes as [number, number, number];
  const isV4 = bytes.length === 4;
  const isZeroUpTo = (end: number): boolean => bytes.slice(0, end).every((byte) => byte === 0);
  return [
    ...(isZeroUpTo(bytes.length) ? [`may not be unspecified (${text})`] : []),
    ...((isV4 ? first === 127 : isZeroUpTo(15) && bytes[15] === 1)
      ? ['may not be in the loopback range (127.0.0.0/8, ::1/128)']
      : []),
    ...((isV4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80)
      ? ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']
      : []),
    ...((isV4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 0x02)
      ? ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']
      : []),
  ];
}

/** Whether the first network contains the second and more. Both must be valid. */
export function containsCidr(outer: string, inner: string): boolean {
  const [outerBytes, outerLength] = splitCidr(outer);
  const [innerBytes, innerLength] = splitCidr(inner);
  const bit = (bytes: readonly number[], i: number): number => ((bytes[i >> 3] as number) >> (7 - (i & 7))) & 1;
  return (
    outerBytes.length === innerBytes.length &&
    outerLength < innerLength &&
    Array.from({ length: outerLength }, (_, i) => i).every((i) => bit(outerBytes, i) === bit(innerBytes, i))
  );
}

function splitCidr(cidr: string): readonly [readonly number[], number] {
  const [address, length] = cidr.split('/') as [string, string];
  return [parseIp(address) ?? [], Number(length)];
}
