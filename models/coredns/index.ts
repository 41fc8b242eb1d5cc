export { nextLook } from './answer-cache.js';
export { CoreDns, type Lookup } from './component.js';
export { coreDnsConfiguration } from './config.js';
