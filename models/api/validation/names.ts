/** Formats of names and keys; each answers what is wrong. k8s.io/apimachinery pkg/util/validation, pkg/api/validation. */
export type NameCheck = (name: string) => readonly string[];

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const UNDERSCORED_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORED_SUBDOMAIN = `${UNDERSCORED_LABEL}(\\.${UNDERSCORED_LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const PERCENT = '[0-9]+%';
const HTTP_HEADER = '[-A-Za-z0-9]+';
const ENV_VAR = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const CONFIG_KEY = '[-._a-zA-Z0-9]+';
const WILDCARD_SUBDOMAIN = `\\*\\.${SUBDOMAIN}`;

const whole = (format: string): RegExp => new RegExp(`^${format}$`);
const LABEL_PATTERN = whole(LABEL);
const SUBDOMAIN_PATTERN = whole(SUBDOMAIN);
const QUALIFIED_PATTERN = whole(QUALIFIED);
const LABEL_VALUE_PATTERN = whole(LABEL_VALUE);
const PERCENT_PATTERN = whole(PERCENT);
const CONFIG_KEY_PATTERN = whole(CONFIG_KEY);
const ENV_VAR_PATTERN = whole(ENV_VAR);

const FINE: readonly string[] = [];
const tooLong = (max: number): string => `must be no more than ${max} characters`;
export const inRange = (min: number, max: number): string => `must be between ${min} and ${max}, inclusive`;

function mismatch(message: string, format: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (${shown && `e.g. ${shown}`}regex used for validation is '${format}')`;
}

const ALPHANUMERIC_ENDS = 'and must start and end with an alphanumeric character';

export function isDnsLabel(value: string): readonly string[] {
  const problems = value.length > 63 ? [tooLong(63)] : [];
  if (!LABEL_PATTERN.test(value)) {
    problems.push(
      SUBDOMAIN_PATTERN.test(value)
        ? 'must not contain dots'
        : mismatch(
            `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ALPHANUMERIC_ENDS}`,
            LABEL,
            'my-name',
            '123-abc',
          ),
    );
  }
  return problems;
}

function pattern(max: number, format: string, message: string, ...examples: readonly string[]): NameCheck {
  const expression = whole(format);
  return (value) =>
    value.length <= max && expression.test(value)
      ? FINE
      : [
          ...(value.length > max ? [tooLong(max)] : []),
          ...(expression.test(value) ? [] : [mismatch(message, format, ...examples)]),
        ];
}

const SUBDOMAIN_MESSAGE = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ALPHANUMERIC_ENDS}`;

/** The rule for most names. */
export const isDnsSubdomain: NameCheck = pattern(253, SUBDOMAIN, SUBDOMAIN_MESSAGE, 'example.com');

export const isDnsSubdomainWithUnderscore = pattern(
  253,
  UNDERSCORED_SUBDOMAIN,
  `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', ${ALPHANUMERIC_ENDS}`,
  'example.com',
);

export const isWildcardSubdomain = pattern(
  253,
  WILDCARD_SUBDOMAIN,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  '*.example.com',
);

/** Names of Services until 1.34. */
export const isDns1035Label = pattern(
  63,
  LABEL_1035,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  'my-name',
  'abc-123',
);

const QUALIFIED_MESSAGE = `must consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`;
const qualifiedMismatch = (what: string): string =>
  mismatch(`${what} ${QUALIFIED_MESSAGE}`, QUALIFIED, 'MyName', 'my.name', '123-abc');

/** "example.com/name" or "name": keys of labels, annotations, conditions, resources. */
export function isQualifiedName(value: string): readonly string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `${qualifiedMismatch('a qualified name')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  const name = parts[parts.length - 1] as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    problems.push(
      ...(prefix === ''
        ? ['prefix part must be non-empty']
        : isDnsSubdomain(prefix).map((problem) => `prefix part ${problem}`)),
    );
  }
  if (name === '') {
    problems.push('name part must be non-empty');
  } else if (name.length > 63) {
    problems.push(`name part ${tooLong(63)}`);
  }
  return QUALIFIED_PATTERN.test(name) ? problems : [...problems, qualifiedMismatch('name part')];
}

export const isLabelValue: NameCheck = (value) => [
  ...(value.length > 63 ? [tooLong(63)] : []),
  ...(LABEL_VALUE_PATTERN.test(value)
    ? []
    : [
        mismatch(
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`,
          LABEL_VALUE,
          'MyValue',
          'my_value',
          '12345',
        ),
      ]),
];

export const isPercent: NameCheck = (value) =>
  PERCENT_PATTERN.test(value)
    ? []
    : [mismatch("a valid percent string must be a numeric string followed by an ending '%'", PERCENT, '1%', '93%')];

export const isHttpHeaderName = pattern(
  Number.POSITIVE_INFINITY,
  HTTP_HEADER,
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  'X-Header-Name',
);

export function isConfigKey(value: string): readonly string[] {
  const problems = value.length > 253 ? [tooLong(253)] : [];
  if (!CONFIG_KEY_PATTERN.test(value)) {
    problems.push(
      mismatch(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        CONFIG_KEY,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  return [...problems, ...leadingDots(value)];
}

/** Names that would be taken for directories. */
function leadingDots(value: string): readonly string[] {
  if (value === '.') {
    return ["must not be '.'"];
  }
  if (value === '..') {
    return ["must not be '..'"];
  }
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

/** Names of environment variables until 1.33. */
export const isStrictEnvVarName: NameCheck = (value) => [
  ...(ENV_VAR_PATTERN.test(value)
    ? []
    : [
        mismatch(
          "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
          ENV_VAR,
          'my.env-name',
          'MY_ENV.NAME',
          'MyEnvName1',
        ),
      ]),
  ...leadingDots(value),
];

export const isRelaxedEnvVarName: NameCheck = (value) => [
  ...(value === '' ? ['environment variable name must be non-empty'] : []),
  ...(/^[ -<>-~]*$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]),
];

export function isPortName(value: string): readonly string[] {
  return [
    ...(value.length > 15 ? [tooLong(15)] : []),
    ...(/^[-a-z0-9]+$/.test(value) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
    ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(/^-|-$/.test(value) ? ['must not begin or end with a hyphen'] : []),
  ];
}

export const isPort = (value: number): readonly string[] => (value >= 1 && value <= 65_535 ? [] : [inRange(1, 65_535)]);

/** User and group ids of Linux. */
export const isUnixId = (value: number): readonly string[] =>
  value >= 0 && value <= 0xffffffff ? [] : [inRange(0, 0xffffffff)];

/** Names that stand in a URL as they are. */
export function isPathSegment(value: string): readonly string[] {
  if (value === '.' || value === '..') {
    return [`may not be '${value}'`];
  }
  return ['/', '%']
    .filter((character) => value.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/** generateName: the trailing dash stands for what is to come (maskTrailingDash). */
export const asPrefix =
  (check: NameCheck): NameCheck =>
  (value) =>
    check(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value);
