export { openApiText } from './document.js';
