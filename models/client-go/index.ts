export type {
  ApiClient,
  ApiConnection,
  ApiError,
  ClientOptions,
  DeleteOptions,
  Draft,
  ErrorReason,
  Reply,
  StatusCause,
  Subresource,
  Then,
} from './api-client.js';
export type { Component } from './component.js';
export type { ControllerContext } from './context.js';
export { Controller, type SyncResult } from './controller.js';
export type { FieldSelector, IndexName, Informer, InformerFactory } from './informer.js';
