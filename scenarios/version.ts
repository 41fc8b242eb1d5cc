/** Version of this project; every result carries it. A test holds it against package.json. */
export const VERSION = '0.1.0';
