export { conversations } from './conversations.ts'
export { feed } from './feed.ts'
export { projectDetails } from './project-details.ts'
