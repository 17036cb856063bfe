/** What `millrace/server` exports: health, metrics and live changes for a server of the team's own. */
export { createHandler } from './handler.ts'
export type { Handler, HandlerOptions } from './handler.ts'
export type { Health, Reason } from './health/health.ts'
export { liveChanges } from './live/live-changes.ts'
export type {
  LiveChange,
  LiveChanges,
  LiveOptions,
  LiveUpdate,
  SubscribeOptions,
} from './live/live-changes.ts'
export type { LiveRouteOptions, Wish } from './live/changes-route.ts'
export { toFastifyPlugin, toNodeListener } from './node.ts'
