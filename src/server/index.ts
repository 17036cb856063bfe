/**
 * What `millrace/server` exports: health, metrics and live changes for a server of the team's own.
 *
 * @module millrace/server
 */
export { createHandler } from './handler.ts'
export type { Handler, HandlerOptions } from './handler.ts'
export type { Health, Reason } from './health/health.ts'
export { liveChanges } from './live/live-changes.ts'
export type {
  LiveChange,
  LiveChanges,
  LiveOptions,
  LivePageOptions,
  LivePageUpdate,
  LiveUpdate,
  SubscribeOptions,
  SubscribePageOptions,
} from './live/live-changes.ts'
export type { LiveRouteOptions } from './live/changes-route.ts'
export type { Wish, WishedPage } from './live/wish.ts'
export { toFastifyPlugin, toNodeListener } from './node.ts'
