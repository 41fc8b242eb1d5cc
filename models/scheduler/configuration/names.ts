const NAME_PATTERN = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const NAME_LENGTH_LIMIT = 63;

const SUBDOMAIN_PATTERN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const SUBDOMAIN_LENGTH_LIMIT = 253;

/** What is wrong with a qualified name such as "example.com/name". As IsLabelKey (k8s.io/apimachinery api/validate/content). */
export function qualifiedNameProblems(value: string): readonly string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [`a qualified name ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts.at(-1) as string;
  const problems = parts.length === 2 ? prefixProblems(parts[0] as string) : [];
  if (name === '') {
    problems.push('name part must be non-empty');
  } else if (name.length > NAME_LENGTH_LIMIT) {
    problems.push(`name part must be no more than ${NAME_LENGTH_LIMIT} bytes`);
  }
  if (!NAME_PATTERN.test(name)) {
    problems.push(`name part ${NAME_RULE}`);
  }
  return problems;
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') {
    return ['prefix part must be non-empty'];
  }
  const problems: string[] = [];
  if (prefix.length > SUBDOMAIN_LENGTH_LIMIT) {
    problems.push(`prefix part must be no more than ${SUBDOMAIN_LENGTH_LIMIT} bytes`);
  }
  if (!SUBDOMAIN_PATTERN.test(prefix)) {
    problems.push(`prefix part ${SUBDOMAIN_RULE}`);
  }
  return problems;
}

const VALUE_PATTERN = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** What is wrong with the value of a label. As IsLabelValue (k8s.io/apimachinery api/validate/content). */
export const labelValueProblems = (value: string): readonly string[] => [
  ...(value.length > NAME_LENGTH_LIMIT ? [`must be no more than ${NAME_LENGTH_LIMIT} bytes`] : []),
  ...(VALUE_PATTERN.test(value) ? [] : [VALUE_RULE]),
];
