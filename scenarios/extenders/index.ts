export { type HttpExtenders, httpExtenders } from './http-extender.js';
