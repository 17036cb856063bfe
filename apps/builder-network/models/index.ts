export { activity } from './activity.ts'
export { chainPosts, chains } from './chains.ts'
export { conversations } from './conversations.ts'
export {
  adminDashboard,
  investorDashboard,
  projectsAwaiting,
  publicProfile,
  validatorDashboard,
} from './dashboards.ts'
export { feed } from './feed.ts'
export { readModelHealth } from './health.ts'
export { intros } from './intros.ts'
export { investors } from './investors.ts'
export { builderRanks, projectRanks } from './leaderboards.ts'
export { projectDetails, projectDiscussions } from './project-details.ts'
export { searchIndex } from './search.ts'
export { unread } from './unread.ts'
export {
  builderLeaderboard,
  dashboardStats,
  dashboardStatsStrict,
  projectLeaderboard,
  refreshLog,
} from './views.ts'
