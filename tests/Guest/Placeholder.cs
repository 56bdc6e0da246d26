namespace Pavise.Guest.Tests;
