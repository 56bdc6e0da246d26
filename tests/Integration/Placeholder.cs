namespace Pavise.Integration.Tests;
